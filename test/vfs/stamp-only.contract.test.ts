import { describeLayerContract } from './layer-contract.ts';

describeLayerContract('tfs', ['tfs:igz:', 'tfs:ienc:', 'tfs:igz:ienc:']);
