import packageJson from '../package.json' with { type: 'json' };

/** Of this package; the build puts it into the code, so that telling it costs no file. */
export const VERSION: string = packageJson.version;
