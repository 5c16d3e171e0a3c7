import type { TemplateValues } from './fill-template.ts';
import type { Template } from './template.ts';

/** What is to be written: from the arguments, or from the wizard. Places are as typed: relative to the current folder. */
export interface NewProject extends TemplateValues {
  readonly template: Template;
  /** Path of the new file; undefined: named for the template, in the current folder. */
  readonly output: string | undefined;
}
/** The same with the template still to be chosen, and perhaps other things. */
export type OpenProject = Omit<NewProject, 'template'> & { readonly template: Template | undefined };
