// Incremental upload: what the server has is known from notes kept here (names, sizes and times, no byte of content), so that its files are never compared.
import { defineProject } from 'sxrun';

export default defineProject({
  roots: [
    'data/texts',
    {
      url: 'tfs:out/upload/notes', // what was uploaded
      shadow: 'out/upload/server', // every change is made here first, then noted; could be on any server
      targetOnly: true,
      autoMkdir: true,
    },
  ],
  mirror: true,
});
