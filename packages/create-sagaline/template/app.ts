import { defineApp } from 'sagaline';
import { hotel } from './participants/hotel.ts';

export const app = defineApp({
  name: '{{appName}}',
  sagas: new URL('./workflows/', import.meta.url),
  participants: [hotel],
});
