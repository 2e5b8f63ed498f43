import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { describe, expect, it } from 'vitest';
import { Refuses } from './refuses.js';

@Controller()
class Door {
  @Get('door')
  @Refuses(401, 429)
  knock(): void {}
}

@Module({ controllers: [Door] })
class House {}

describe('Refuses', () => {
  it('documents each status as a problem, and when to come back', async () => {
    const app = await NestFactory.create(House, new FastifyAdapter(), { logger: false });
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    await app.close();

    const { responses } = document.paths['/door']!.get!;
    const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
    expect(responses[401]).toMatchObject({ content });
    expect(responses[429]).toMatchObject({ content, headers: { 'Retry-After': { schema: { type: 'integer' } } } });
    expect(document.components?.schemas).toHaveProperty('Problem');
  });
});
