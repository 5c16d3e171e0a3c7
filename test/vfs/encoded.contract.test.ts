import { describeLayerContract } from './layer-contract.ts';

describeLayerContract('ienc', ['ienc:ienc:', 'ienc:igz:', 'ienc:rcy:']);
