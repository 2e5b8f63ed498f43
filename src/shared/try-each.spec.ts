import { describe, expect, it } from 'vitest';
import { tryEach } from './try-each.js';

describe('trying each', () => {
  it('goes on after a failure, and tells of all failures at the end', async () => {
    const tried: number[] = [];
    const trying = tryEach([1, 2, 3], async (one) => {
      tried.push(one);
      if (one < 3) throw new Error(`no ${one}`);
    });
    await expect(trying).rejects.toMatchObject({
      message: '2 of 3 failed',
      errors: [new Error('no 1'), new Error('no 2')],
    });
    expect(tried).toEqual([1, 2, 3]);
  });

  it('ends when it is told to, and says why', async () => {
    const control = new AbortController();
    const tried: number[] = [];
    const trying = tryEach(
      [1, 2, 3],
      async (one) => {
        tried.push(one);
        if (one === 2) control.abort(new Error('enough'));
        throw new Error(`no ${one}`);
      },
      control.signal,
    );
    await expect(trying).rejects.toThrow('enough');
    expect(tried).toEqual([1, 2]);
  });
});
