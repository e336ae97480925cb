/** One line of the table; without a bar it is there to be read. */
export interface Row {
  readonly name: string;
  readonly bar: string;
  readonly value: string;
  readonly met?: boolean;
}
