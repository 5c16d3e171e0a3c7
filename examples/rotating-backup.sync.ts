// Rotating backup: four folders, a week each and then from the beginning; within its week a folder is brought up to date.
import { defineProject, period } from 'sxrun';

const week = period('week', { keep: 4 }); // '1' to '4'

export default defineProject({
  roots: ['data/texts', { url: `out/rotating/week-${week}`, targetOnly: true, autoMkdir: true }],
  mirror: true, // what was removed since the folder was last in use goes from it, too
});
