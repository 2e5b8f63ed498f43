const LEAST_NODE = [24, 7] as const;

/** Ends the process if this Node is too old. Call it before importing anything that an old Node would crash on. */
export function refuseOldNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return;
  stop(`Node ${LEAST_NODE.join('.')} or newer is needed; this is ${process.versions.node}. Run it with: npm start`);
}

/** Ends the process with one line that says why. */
export function stop(reason: string, exitCode = 1): never {
  process.stderr.write(`${reason.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  process.exit(exitCode);
}
