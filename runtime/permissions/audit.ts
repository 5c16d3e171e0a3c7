import type { GrantKind } from './grant.ts';
import type { GrantedBy } from './granted.ts';
import type { PermissionErrorCode } from './permission-error.ts';

/** What an audit log has: decisions about permissions, and what was done with them. */
export type AuditEntry = PermissionEntry | CallEntry;

export interface PermissionEntry {
  readonly what: 'permission';
  /** undefined: the project has no file. */
  readonly project: string | undefined;
  /** Set when a sub-project of that file wanted it. */
  readonly subProject?: string;
  readonly kind: GrantKind;
  /** As a grant has it after the colon; for what could not be resolved as it was asked for. */
  readonly value: string;
  readonly granted?: GrantedBy;
  readonly refused?: PermissionErrorCode;
}

/** Use of a host function. */
export interface CallEntry {
  readonly what: 'call';
  readonly project: string | undefined;
  readonly subProject?: string;
  /** `exec`, `xfile.copy` … */
  readonly method: string;
  /** What it is done with, in words; never a secret. */
  readonly value: string;
  /** In a simulation: what would have changed something was only shown. */
  readonly simulation?: true;
}

/** Takes note of everything that a script was permitted, was refused, and did. Throws when it cannot: nothing may go on unseen. */
export type Audit = (entry: AuditEntry) => void;
