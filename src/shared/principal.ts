/** What somebody may do besides looking after what is theirs. */
export type Role = 'user' | 'admin';

/** The person behind a request, as their session proves it. */
export interface Principal {
  id: number;
  email: string;
  role: Role;
  createdAt: Date;
  /** The session that the request came with: logging out ends this one. */
  sessionId: string;
}
