import { ANY_ONE, ANY_RUN, type Glob, NAME_ONE, NAME_RUN } from './glob.ts';

const COLON = 58;

/**
 * Whether the whole text matches. Two positions walk forward; on a mismatch the latest run takes
 * one character more. Earlier runs never need another try, so the time is bounded by the
 * product of the two lengths, and no pattern can make it explode.
 */
export function matchesGlob(glob: Glob, text: string): boolean {
  let token = 0;
  let index = 0;
  // Where to resume: after the latest run that takes anything, and after the latest within a name.
  let anyToken = 0;
  let anyIndex = -1;
  let nameToken = 0;
  let nameIndex = -1;
  while (token < glob.length || index < text.length) {
    const wanted = token < glob.length ? glob[token]! : undefined;
    if (wanted === ANY_RUN) {
      token += 1;
      if (token === glob.length) return true;
      anyToken = token;
      anyIndex = index;
      nameIndex = -1;
    } else if (wanted === NAME_RUN) {
      token += 1;
      nameToken = token;
      nameIndex = index;
    } else if (wanted !== undefined && index < text.length && takes(wanted, text, index)) {
      // A colon ends the name, and with it the choices that the name's runs had.
      if (wanted === COLON) nameIndex = -1;
      token += 1;
      index += wanted < 0 && isPair(text, index) ? 2 : 1;
    } else if (nameIndex >= 0 && nameIndex < text.length && text.charCodeAt(nameIndex) !== COLON) {
      nameIndex += 1;
      index = nameIndex;
      token = nameToken;
    } else if (anyIndex >= 0 && anyIndex < text.length) {
      anyIndex += 1;
      index = anyIndex;
      token = anyToken;
    } else {
      return false;
    }
  }
  return true;
}

function takes(wanted: number, text: string, index: number): boolean {
  if (wanted === ANY_ONE) return true;
  const code = text.charCodeAt(index);
  return wanted === NAME_ONE ? code !== COLON : code === wanted;
}

/** Characters outside the basic plane are two units in a string, and one for `?`. */
function isPair(text: string, index: number): boolean {
  return text.codePointAt(index)! > 0xffff;
}
