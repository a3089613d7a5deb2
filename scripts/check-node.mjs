/**
 * Ends with one sentence where Node is too old. It is imported before anything else, and the build puts it in front of
 * the single file; syntax and modules are those that old versions know.
 */
const running = process.versions.node.split('.').map(Number);
if (running[0] < 20 || (running[0] === 20 && running[1] < 19)) {
  console.error('Holdfast needs Node.js 20.19 or newer; this is ' + process.versions.node + '.');
  process.exit(2);
}
