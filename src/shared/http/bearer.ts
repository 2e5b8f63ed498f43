const BEARER = /^Bearer +(.+)$/i;

/** The credential in an `Authorization: Bearer …` header; undefined if there is none. */
export function bearerOf(request: { headers: { authorization?: string } }): string | undefined {
  return BEARER.exec(request.headers.authorization ?? '')?.[1];
}
