import { ApplyError } from '../templates/control-client.ts';
import { TemplateError } from '../templates/source/template-error.ts';
import { exitCodes, type Io } from './io.ts';
import { UsageError } from './options.ts';

/** Runs a command; what goes wrong for reasons of its user is a sentence and an exit code. */
export async function failing(name: string, io: Io, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof UsageError) {
      io.stderr.write(`${error.message}\nSee postern ${name} --help.\n`);
      return exitCodes.misused;
    }
    if (!(error instanceof ApplyError) && !(error instanceof TemplateError)) throw error;
    io.stderr.write(`${error.message}\n`);
    return exitCodes.failed;
  }
}
