import { shadowed } from '../../runtime/vfs/layers/shadowed.ts';
import { BASES, type LayerScheme, type OpenedBase, schemesOf, stacked } from '../kit/stacks.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { type ContractCase, describeVfsContract } from './contract.ts';

const POOREST = 'memory without anything that a server may lack';

/** A layer passes the contract over every kind of root, and in stacks (`igz:ienc:`), over a folder, and over a root that lacks all that one can lack. */
export function describeLayerContract(layer: LayerScheme, stacks: readonly string[]): void {
  for (const base of Object.keys(BASES)) describeStack(`${layer}:`, base);
  for (const stack of stacks) for (const base of ['a folder', POOREST]) describeStack(stack, base);
  describeVfsContract(`${layer}: with shadows`, async () => {
    const shadow = stacked([layer], new MemoryVfs());
    return { vfs: shadowed(stacked([layer], new MemoryVfs()), [shadow, new MemoryVfs()]), ...limitsOf([layer]) };
  });
}

function describeStack(prefix: string, base: string): void {
  describeVfsContract(`${prefix} over ${base}`, async () => onTop(schemesOf(prefix), await openBase(base)));
}

function openBase(title: string): Promise<OpenedBase> {
  const open = BASES[title];
  if (open === undefined) throw new RangeError(`no base "${title}"`);
  return open();
}

function onTop(schemes: readonly LayerScheme[], base: OpenedBase): ContractCase {
  const { oddNames, ...limits } = limitsOf(schemes);
  return {
    vfs: stacked(schemes, base.vfs),
    ...(base.aborted === undefined ? {} : { aborted: stacked(schemes, base.aborted) }),
    oddNames: oddNames && base.oddNames,
    offsets: base.offsets !== false || schemes.some(readsFromStart),
    ...limits,
    async close() {
      await base.aborted?.close();
      await base.remove?.();
    },
  };
}

/** What they give from anywhere else is found by reading what they have from the start. */
function readsFromStart(scheme: LayerScheme): boolean {
  return scheme === 'igz' || scheme === 'ienc';
}

/** Files of the layers that keep old versions have the names that they have; of `tfs:` only sizes are left. */
function limitsOf(schemes: readonly LayerScheme[]): { readonly oddNames: boolean; readonly content: boolean } {
  return { oddNames: schemes.every((scheme) => scheme === 'uxvs' || scheme === 'rcy'), content: !schemes.includes('tfs') };
}
