import './start.ts';

/* What bundles get of the SDK: the public names, and what the bundler's own modules call. */
export * from '../../../sdk/index.ts';
export { defineProjectIn, stampProjects } from '../../../sdk/define-project.ts';
export { runDefault } from '../../../sdk/run-default.ts';
export { nodePath } from './node-path.ts';
