/** One thing that is wrong with one field of a request. */
export class ProblemField {
  /** The field, by the name under which it was sent. @example "end_date" */
  field!: string;

  /** What is wrong with it. @example "end_date must not be before start_date." */
  message!: string;
}

/** Why a request was turned down (RFC 9457). */
export class Problem {
  /** Always `about:blank`: `code` tells refusals apart. @example "about:blank" */
  type!: string;

  /** The name of the status. @example "Unprocessable Entity" */
  title!: string;

  /** The status of the answer. @example 422 */
  status!: number;

  /** A sentence for people that says what to do next. @example "end_date must not be before start_date." */
  detail!: string;

  /** A stable word for programs. @example "validation_failed" */
  code!: string;

  /** Which fields are wrong, if the request can be mended field by field. */
  errors?: ProblemField[];
}
