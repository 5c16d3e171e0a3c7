import { dirname } from 'node:path';
import type { SyncResult } from '../../sdk/project.ts';
import type { Broker } from '../permissions/broker.ts';
import { openRoot } from '../vfs/open-root.ts';
import type { CommandContext } from './command-context.ts';
import { HeldBytes } from './host/held-bytes.ts';
import type { HostContext } from './host/host-function.ts';
import type { RawOptions } from './options/option-layers.ts';
import { KeptPlans } from './plans/planned-runs.ts';

export interface ScriptContextOptions {
  readonly projectFile: string;
  readonly broker: Broker;
  readonly command: CommandContext;
  readonly inherited: RawOptions;
  /** Somebody waits for what the runs of the script come to. A script that runs for days by itself would fill the memory with them. */
  readonly isSubProject: boolean;
}

/** One script as the functions that it calls see it, from its start to its end. */
export class ScriptContext implements HostContext {
  readonly broker: Broker;
  readonly command: CommandContext;
  readonly projectFile: string;
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly plans = new KeptPlans();
  readonly openRoot = openRoot;
  readonly held: HeldBytes;
  readonly #over = new AbortController();
  readonly #open = new Set<() => Promise<void>>();
  readonly #results: SyncResult[] | undefined;
  #simulation: boolean;

  constructor({ projectFile, broker, command, inherited, isSubProject }: ScriptContextOptions) {
    this.broker = broker;
    this.command = command;
    this.projectFile = projectFile;
    this.#results = isSubProject ? [] : undefined;
    this.directory = dirname(projectFile);
    this.signal = AbortSignal.any([command.request.signal, this.#over.signal]);
    // What the script gets has to fit into its memory, together with what it makes of it.
    this.held = new HeldBytes(command.request.scriptMemoryBytes / 2, this.signal);
    this.#simulation = command.commandLine['simulation'] === true || inherited['simulation'] === true;
  }

  get simulation(): boolean {
    return this.#simulation;
  }

  /** From now on nothing that the script calls changes anything. */
  simulate(): void {
    this.#simulation = true;
  }

  addResult(result: SyncResult): void {
    this.#results?.push(result);
  }

  /** Of all runs of a sub-project, in order. */
  get results(): readonly SyncResult[] {
    return this.#results ?? [];
  }

  suppress(step: string): void {
    this.command.log.tell({ type: 'suppressed', step });
    this.command.plans?.steps.push(step);
  }

  atEnd(close: () => Promise<void>): () => void {
    this.#open.add(close);
    return () => this.#open.delete(close);
  }

  /** The script goes no further: nobody hears any more what its calls wait for. */
  stop(): void {
    this.#over.abort();
  }

  /** The script has ended, and so have its calls: closes what its calls left open, last opened first. */
  async end(): Promise<void> {
    for (const close of [...this.#open].reverse()) await close();
    this.#open.clear();
  }
}
