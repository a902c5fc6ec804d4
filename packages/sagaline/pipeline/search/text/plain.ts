/** Text as people read it: without the codes by which programs colour a terminal, or move about in it. */

/** Colours and the like (SGR) stand between the letters of one word; whatever else a code does, words end there. */
const COLOUR = /(?:\x1b\[|\x9b)[0-9;:]*m/g;
/** ECMA-48: control strings, such as links and titles, with their end; control sequences; other escapes. Linear on any text. */
const ESCAPE =
  /(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]/g;
const INTRODUCES = /[\x1b\x90-\x9f]/;

/** The text without escape sequences; those that end a word leave a space. */
export function plainText(text: string): string {
  return INTRODUCES.test(text) ? text.replace(COLOUR, '').replace(ESCAPE, ' ') : text;
}
