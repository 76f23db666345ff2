/**
 * Loaded before every test file (`--import`): property tests draw the same cases in every run, so that a change is judged by
 * what it changed. `LIAISON_CHANCE=new` draws new ones, as the nightly run does; a failure prints the seed to repeat it with.
 */
import fc from 'fast-check';

const fixedSeed = 20_260_101;

const asked = process.env.LIAISON_CHANCE;
if (asked !== 'new') {
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: asked === undefined ? fixedSeed : Number(asked) });
}
