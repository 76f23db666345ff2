import { storeConformance } from '../conformance.ts';
import { memoryStore } from './memory-store.ts';

storeConformance('the store in memory', async () => memoryStore());
