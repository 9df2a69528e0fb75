/**
 * The command loads its parts when it needs them. Under test they are there before it runs, so that no
 * test waits while they are being compiled.
 */
import '../../src/cli/deploy.ts';
import '../../src/cli/destroy.ts';
import '../../src/cli/dev.ts';
import '../../src/cli/dev-template.ts';
import '../../src/cli/doctor.ts';
import '../../src/cli/export.ts';
import '../../src/cli/start.ts';
import '../../src/server/gateway.ts';

export { main } from '../../src/cli/main.ts';
