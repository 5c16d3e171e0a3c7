import assert from 'node:assert/strict';
import { delimiter, resolve } from 'node:path';
import { test } from 'node:test';
import { childEnvironment, isRefusedVariable } from '../../runtime/permissions/child-environment.ts';

test('a program gets to know where things are, language and time zone, and nothing else', () => {
  const bin = resolve('/usr/bin');
  const kept = { HOME: '/home/me', LANG: 'de_DE.UTF-8', LC_ALL: 'C', TZ: 'UTC', TERM: 'xterm', TMPDIR: '/tmp/x', USER: 'me' };
  const dropped = {
    LD_PRELOAD: '/x.so',
    DYLD_INSERT_LIBRARIES: '/x',
    NODE_OPTIONS: '--require /x.js',
    BASH_ENV: '/x',
    ENV: '/x',
    'BASH_FUNC_ls%%': '() { id; }',
    PYTHONPATH: '/x',
    PERL5LIB: '/x',
    GIT_SSH_COMMAND: 'x',
    SSH_AUTH_SOCK: '/agent',
    AWS_SECRET_ACCESS_KEY: 'x',
    GITHUB_TOKEN: 'x',
    SXRUN_HOME: '/x',
    DISPLAY: ':0',
    LC_: 'x',
    LC_EVIL1: 'x',
    gone: undefined,
  };
  const path = ['.', '', bin, 'node_modules/.bin', './x', '..'].join(delimiter);
  assert.deepEqual(childEnvironment({ ...kept, ...dropped, PATH: path }), { ...kept, PATH: bin });
  assert.deepEqual(childEnvironment({}), { PATH: '' });
});

test('variables that would run other code are refused, whatever their case', () => {
  // biome-ignore format: a table
  const refused = [
    'LD_PRELOAD', 'ld_preload', 'LD_LIBRARY_PATH', 'LD_AUDIT', 'DYLD_INSERT_LIBRARIES', 'DYLD_FRAMEWORK_PATH', 'GLIBC_TUNABLES', 'GCONV_PATH', 'NODE_OPTIONS', 'Node_Options', 'NODE_PATH',
    'NODE_EXTRA_CA_CERTS', 'npm_config_script_shell', 'BASH_ENV', 'ENV', 'BASHOPTS', 'SHELLOPTS', 'PS4', 'IFS', 'PROMPT_COMMAND', 'ZDOTDIR', 'PYTHONPATH', 'PYTHONSTARTUP', 'PYTHONHOME', 'PERL5OPT',
    'PERL5LIB', 'PERLLIB', 'RUBYOPT', 'GEM_PATH', 'JAVA_TOOL_OPTIONS', '_JAVA_OPTIONS', 'CLASSPATH', 'PHPRC', 'LUA_INIT', 'GIT_SSH_COMMAND', 'GIT_CONFIG_GLOBAL', 'GIT_EXTERNAL_DIFF', 'SSH_ASKPASS', 'EDITOR',
    'VISUAL', 'PAGER', 'MANPAGER', 'LESSOPEN', 'RSYNC_RSH', 'BORG_RSH', 'TAR_OPTIONS', 'MAKEFLAGS', 'PATH', 'Path', 'PATHEXT', 'ComSpec', 'SystemRoot', 'HOME', 'USERPROFILE', 'XDG_CONFIG_HOME', 'TERMINFO',
    'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'KUBECONFIG', 'DOCKER_HOST', 'PSQLRC', 'RUSTC_WRAPPER', 'GOFLAGS', 'ERL_FLAGS', 'QT_PLUGIN_PATH', 'GTK_MODULES', 'RSYNC_CONNECT_PROG', 'VIMINIT', 'UNZIP',
    'OPENSSL_CONF', 'DOTNET_STARTUP_HOOKS', 'COR_PROFILER', 'BASH_FUNC_ls%%', '', 'A=B', 'A B', '1A', 'A\0', 'Ä', 'a.b',
  ];
  for (const name of refused) assert.equal(isRefusedVariable(name), true, name);
  for (const name of ['PASSPHRASE', 'RESTIC_PASSWORD', 'LANG', 'TZ', 'MY_ENV', 'ENVIRONMENT', 'NODE_ENV', 'DEBUG', '_x', 'http_proxy']) {
    assert.equal(isRefusedVariable(name), false, name);
  }
});
