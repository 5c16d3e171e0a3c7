export { errnoOf, systemError as localError } from '../../system-error.ts';
