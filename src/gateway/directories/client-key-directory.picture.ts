import { Injectable } from '@nestjs/common';
import { type ClientKey, ClientKeyDirectory } from '../proxy/access/client-key-directory.port.js';
import { GatewayPicture } from './gateway-picture.js';

@Injectable()
export class PicturedClientKeyDirectory extends ClientKeyDirectory {
  constructor(private readonly picture: GatewayPicture) {
    super();
  }

  async find(keyHash: string): Promise<ClientKey | null> {
    const known = this.picture.keyByHash(keyHash);
    if (known) return known;
    await this.picture.lookAgain();
    return this.picture.keyByHash(keyHash) ?? null;
  }
}
