import { describeLayerContract } from './layer-contract.ts';

describeLayerContract('uxvs', ['uxvs:igz:', 'uxvs:ienc:igz:', 'igz:uxvs:']);
describeLayerContract('rcy', ['rcy:igz:', 'rcy:ienc:', 'igz:rcy:']);
