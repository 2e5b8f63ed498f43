import { Injectable } from '@nestjs/common';
import { type ClientKey, ClientKeyDirectory } from '../proxy/access/client-key-directory.port.js';
import { GatewayPicture } from './gateway-picture.js';

@Injectable()
export class PicturedClientKeyDirectory extends ClientKeyDirectory {
  constructor(private readonly picture: GatewayPicture) {
    super();
  }

  find(keyHash: string): ClientKey | Promise<ClientKey | null> {
    return this.picture.keyByHash(keyHash) ?? this.findAnew(keyHash);
  }

  private async findAnew(keyHash: string): Promise<ClientKey | null> {
    await this.picture.lookAgain();
    return this.picture.keyByHash(keyHash) ?? null;
  }
}
