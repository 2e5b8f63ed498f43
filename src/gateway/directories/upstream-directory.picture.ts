import { Injectable } from '@nestjs/common';
import { type Upstream, UpstreamDirectory } from '../proxy/access/upstream-directory.port.js';
import { GatewayPicture } from './gateway-picture.js';

@Injectable()
export class PicturedUpstreamDirectory extends UpstreamDirectory {
  constructor(private readonly picture: GatewayPicture) {
    super();
  }

  find(id: number): Upstream | null {
    return this.picture.upstream(id) ?? null;
  }

  findByName(name: string): Upstream | null {
    return this.picture.upstreamNamed(name) ?? null;
  }
}
