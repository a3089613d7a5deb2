import { main } from './main.ts';

// The SDK would announce on Node 20, at each start, that versions of it to come need a newer one; `doctor` says so once.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

await main(process.argv.slice(2));
