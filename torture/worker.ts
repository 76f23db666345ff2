/** A thread that runs rows of seeds, or looks for planted bugs, one errand after the other. */
import { parentPort } from 'node:worker_threads';
import { type Errand, perform } from './pool.ts';

parentPort?.on('message', (errand: Errand) => {
  void perform(errand).then((done) => parentPort?.postMessage(done));
});
