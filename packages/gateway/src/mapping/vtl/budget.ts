import { collectionElementsMax, stringCharactersMax } from './limits.ts';
import { TemplateError } from './template-error.ts';

/** What one rendering may still use. Everything whose cost depends on a value pays for its size. */
export interface Budget {
  stepsLeft: number;
  readonly stepsMax: number;
}

export function openBudget(stepsMax: number): Budget {
  return { stepsLeft: stepsMax, stepsMax };
}

export function spend(budget: Budget, steps: number): void {
  budget.stepsLeft -= steps;
  if (budget.stepsLeft < 0) {
    throw new TemplateError(`Template takes more than ${budget.stepsMax} steps`);
  }
}

/** Characters are cheap: this many handled cost one step. */
const charactersPerStep = 64;

/** Pays for making or reading a text, and refuses one that is too long to be kept. */
export function spendOnText(budget: Budget, characters: number): void {
  spend(budget, Math.ceil(characters / charactersPerStep));
  if (characters > stringCharactersMax) {
    throw new TemplateError(`A string is longer than ${stringCharactersMax} characters`);
  }
}

/** Pays for walking over or making a collection, and refuses one that is too large. */
export function spendOnElements(budget: Budget, elements: number): void {
  spend(budget, elements);
  checkElements(elements);
}

export function checkElements(elements: number): void {
  if (elements > collectionElementsMax) {
    throw new TemplateError(`A collection has more than ${collectionElementsMax} elements`);
  }
}
