/** What a gateway is made with. */
import type { Clock } from '../ambient/clock.ts';
import type { Random } from '../ambient/random.ts';
import type { Functions } from '../backends/lambda/lambda.ts';
import type { Engine } from '../engines/engine.ts';
import type { Workers } from '../monitoring/prometheus.ts';
import type { Log } from '../telemetry/log.ts';
import type { PosternFile } from '../templates/postern-file.ts';
import type { Configuration, Mode } from './config.ts';
import type { SharedFolder } from './create-engine.ts';
import type { User } from './secrets.ts';

export interface GatewayOptions {
  readonly configuration: Configuration;
  /** `dev` accepts any caller and belongs on loopback; `start` verifies signatures. */
  readonly mode: Mode;
  /** Who may call in `start`. */
  readonly users?: readonly User[];
  /** Lambda functions that run here, by name; those of the file are beside them. */
  readonly functions?: Functions;
  readonly functionsFolder?: string;
  /** Endpoints of AWS services by name, such as `sqs`. */
  readonly services?: Readonly<Record<string, string>>;
  /** In place of the one that the configuration names. */
  readonly engine?: Engine;
  /** Where this process is one of several that the configuration's `workers` asks for. */
  readonly shared?: SharedFolder;
  /** Another of them applies the file: here only its functions run. */
  readonly isFollower?: boolean;
  /** The processes that serve the same port: what is counted is told for all of them. */
  readonly workers?: Workers;
  /** APIs that are there as soon as the gateway is ready. */
  readonly file?: PosternFile;
  /** Where the console's files are; left out, beside the compiled gateway. */
  readonly consoleFolder?: string;
  readonly log: Log;
  /** Receives the lines of stage logs that go to standard output; the process's own when left out. */
  readonly stdout?: (text: string) => void;
  readonly clock?: Clock;
  readonly random?: Random;
}
