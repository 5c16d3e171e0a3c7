import { delimiter } from 'node:path';
import { pathEntries } from './program.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a program that a script runs gets to know of our environment: where the system and the user's things are, language and time zone. Nothing that holds
 * a login (agents, tokens, proxies), nothing that makes programs load code. `folders`: the entries of its PATH, all absolute.
 */
export function childEnvironment(own: Environment, folders: readonly string[] = pathEntries(own)): Record<string, string> {
  const kept = Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined && isKept(entry[0]));
  return { ...Object.fromEntries(kept), PATH: folders.join(delimiter) };
}

/**
 * True for a variable that a script must not set for a program, in any case of letters: it would make a loader, an interpreter, a shell or a tool run other
 * code than the program that was granted, or look for its configuration where the script can write.
 */
export function isRefusedVariable(name: string): boolean {
  return !/^[A-Z_][A-Z0-9_]*$/i.test(name) || REFUSED.test(name);
}

const KEPT: ReadonlySet<string> = new Set([
  ...['HOME', 'USER', 'LOGNAME', 'LANG', 'LANGUAGE', 'TMPDIR', 'TEMP', 'TMP', 'TZ', 'TERM', 'COLORTERM', 'NO_COLOR'],
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'PATHEXT', 'COMSPEC', 'OS', 'NUMBER_OF_PROCESSORS', 'PROCESSOR_ARCHITECTURE', 'COMPUTERNAME'],
  ...['USERPROFILE', 'USERNAME', 'USERDOMAIN', 'HOMEDRIVE', 'HOMEPATH', 'APPDATA', 'LOCALAPPDATA', 'PUBLIC', 'ALLUSERSPROFILE', 'PROGRAMDATA'],
  ...['PROGRAMFILES', 'PROGRAMFILES(X86)', 'PROGRAMW6432', 'COMMONPROGRAMFILES', 'COMMONPROGRAMFILES(X86)', 'COMMONPROGRAMW6432'],
]);

function isKept(name: string): boolean {
  const known = process.platform === 'win32' ? name.toUpperCase() : name;
  return KEPT.has(known) || /^LC_[A-Z]+$/.test(known);
}

const REFUSED = new RegExp(
  `^(?:${[
    // Loaders and C libraries.
    'LD_.*|DYLD_.*|_RLD.*|LIBPATH|SHLIB_PATH|GLIBC_TUNABLES|GCONV_PATH|LOCPATH|MALLOC_.*|GETCONF_DIR|HOSTALIASES|RES_OPTIONS|RESOLV_.*|NIS_PATH|TZDIR|NLSPATH',
    // Interpreters.
    'NODE_(?!ENV$).*|NPM_.*|PYTHON.*|PERL.*|RUBY.*|GEM_.*|BUNDLE_.*|LUA_.*|PHP.*|TCL.*|R_.*|JAVA_.*|_JAVA_.*|JDK_.*|CLASSPATH|DOTNET_.*|COR_.*|CORECLR_.*|COMPLUS_.*|GUILE_.*|GHC.*',
    // Shells, and what they set up.
    'BASH.*|ENV|SHELL|SHELLOPTS|KSH_.*|ZDOTDIR|FPATH|IFS|CDPATH|GLOBIGNORE|PS[0-9]|PROMPT_COMMAND|PATH|PATHEXT|COMSPEC|SYSTEMROOT|WINDIR|SYSTEMDRIVE|PSMODULEPATH',
    // Tools that run what a variable says, and homes where configuration is looked for.
    'GIT_.*|SSH_.*|GPG_AGENT_INFO|GNUPGHOME|.*_EDITOR|EDITOR|VISUAL|.*PAGER|BROWSER|LESS.*|.*_RSH|.*_ASKPASS|TAR_OPTIONS|MAKEFLAGS|TERMINFO.*|TERMCAP|OPENSSL_.*',
    // Files in which a tool is told what to run or to load.
    'AWS_(?:SHARED_)?(?:CONFIG|CREDENTIALS)_FILE|KUBECONFIG|DOCKER_(?:CONFIG|HOST)|PG(?:SYSCONFDIR|SERVICEFILE)|PSQLRC|MYSQL_HOME|SASL_PATH|KRB5_CONFIG|RUSTC(?:_.*)?|CARGO_.*|GO(?:FLAGS|ENV)|ERL_.*|JULIA_.*|DENO_.*|BUN_.*|ELECTRON_.*',
    '(?:GTK|QT|GST|GIO|MAGICK)_.*|GS_LIB|RSYNC_CONNECT_PROG|AWKPATH|AWKLIBPATH|SCREENRC|TMUX.*|VIMINIT|EXINIT|MYVIMRC|MAILCAPS|GREP_OPTIONS|UNZIP|UNZIPOPT|ZIPOPT',
    'HOME|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|XDG_.*|CURL_HOME|WGETRC|INPUTRC|RCLONE_.*|RESTIC_.*_COMMAND|BORG_RSH|BORG_PASSCOMMAND',
  ].join('|')})$`,
  'i',
);
