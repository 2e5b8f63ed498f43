import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../shared/config.js';

const MAC_BYTES = 32;

/**
 * The hidden word in every form that shows it came from a page of ours: a code over whose form it is. It looks different
 * each time, so that compression gives nothing away of it (BREACH).
 */
@Injectable()
export class FormToken {
  private readonly secrets: string[];

  constructor({ JWT_SECRET, JWT_SECRET_PREVIOUS }: Config) {
    this.secrets = [JWT_SECRET, JWT_SECRET_PREVIOUS].filter((secret) => secret !== undefined);
  }

  /** `owner`: the id of the session, or of the visitor who has none yet. */
  issue(owner: string): string {
    const mask = randomBytes(MAC_BYTES);
    return Buffer.concat([mask, xor(mask, macOf(owner, this.secrets[0]!))]).toString('base64url');
  }

  isOf(owner: string, token: unknown): boolean {
    const bytes = Buffer.from(typeof token === 'string' ? token : '', 'base64url');
    if (bytes.length !== 2 * MAC_BYTES) return false;
    const mac = xor(bytes.subarray(0, MAC_BYTES), bytes.subarray(MAC_BYTES));
    return this.secrets.some((secret) => timingSafeEqual(mac, macOf(owner, secret)));
  }
}

function macOf(owner: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`form of ${owner}`).digest();
}

function xor(one: Buffer, other: Buffer): Buffer {
  return Buffer.from(one.map((byte, index) => byte ^ other[index]!));
}
