import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { PGBOUNCER, POSTGRES_URL } from './services.ts';

/** PgBouncer in transaction mode, as docs/scaling.md sets it, before PostgreSQL. */
export class Pooler implements AsyncDisposable {
  private process?: ChildProcess;

  private constructor(
    private readonly folder: string,
    readonly port: number,
  ) {}

  static async start(): Promise<Pooler> {
    const folder = mkdtempSync(join(tmpdir(), 'pooler-'));
    // It refuses to be root, and then must be able to read what it is told.
    chmodSync(folder, 0o755);
    const pooler = new Pooler(folder, await freePort());
    const { hostname, port, username } = new URL(POSTGRES_URL!);
    const settings = [
      '[databases]',
      `* = host=${hostname} port=${port || 5432}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${pooler.port}`,
      'unix_socket_dir =',
      'auth_type = trust',
      `auth_file = ${join(folder, 'users')}`,
      'pool_mode = transaction',
      'default_pool_size = 20',
      'max_client_conn = 200',
    ];
    writeFileSync(join(folder, 'settings'), settings.join('\n'));
    writeFileSync(join(folder, 'users'), `"${username}" ""\n`);
    await pooler.begin();
    return pooler;
  }

  /** The address of a database behind it. */
  urlOf(database: string): string {
    const url = new URL(database);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  /** Ends at once, with all connections through it. */
  async kill(): Promise<void> {
    this.process!.kill('SIGKILL');
    await once(this.process!, 'exit');
  }

  async begin(): Promise<void> {
    const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
    this.process = spawn(PGBOUNCER!, [...user, join(this.folder, 'settings')], { stdio: 'ignore' });
    while (!(await this.answers())) {
      if (this.process.exitCode !== null) throw new Error(`PgBouncer ended with ${this.process.exitCode}.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }

  private answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
  }
}
