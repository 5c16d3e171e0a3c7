import { describeLayerContract } from './layer-contract.ts';

describeLayerContract('igz', ['igz:igz:', 'igz:ienc:', 'igz:uxvs:']);
