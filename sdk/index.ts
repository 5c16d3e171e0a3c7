export { defineProject } from './define-project.ts';
export { type ExecOptions, type ExecResult, exec } from './exec.ts';
export { type FetchHeaders, type FetchOptions, type FetchResponse, fetch } from './fetch.ts';
export type { Duration } from './duration.ts';
export { formatTime } from './format-time.ts';
export { type Lock, type LockOptions, lock } from './lock.ts';
export { log } from './log.ts';
export { type Mail, type MailAttachment, type MailText, mail } from './mail.ts';
export { type PeriodOptions, type PeriodUnit, period } from './period.ts';
export type { Plan } from './plan.ts';
export type {
  ActionRecord,
  Collision,
  CollisionCallback,
  CollisionChoice,
  Encoder,
  FilterCallback,
  FilterEntry,
  FilterVerdict,
  Guard,
  KeepVersions,
  Overrides,
  PlanSummary,
  Problem,
  Project,
  Root,
  SubSync,
  SyncResult,
  Versions,
  Volume,
} from './project.ts';
export type { SyncErrorCode } from './protocol.ts';
export { sync } from './sync.ts';
export { SyncError } from './sync-error.ts';
export { every, sleep } from './time.ts';
export { ask, env, secret } from './values.ts';
export { type FileInfo, type RemoveRecursiveOptions, type TransferOptions, type WalkedFile, type WalkOptions, xfile } from './xfile.ts';
