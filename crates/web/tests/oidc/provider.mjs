// A certified OpenID Connect provider on this machine, for the tests of login: `node provider.mjs MODULES REDIRECT`. Everybody
// who gives a name is let in under it (its pages for development do so); whoever is called `legal-…` is of the group `legal`.
// Prints its issuer, ends when standard input does.

import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const [modules, redirect] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(`${modules}/oidc-provider/lib/index.js`).href);

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'gongdao',
      client_secret: 'a secret: with signs/+&',
      redirect_uris: [redirect],
      post_logout_redirect_uris: [new URL(redirect).origin],
      response_types: ['code'],
      grant_types: ['authorization_code'],
    }],
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['of a test'] },
    pkce: { required: () => true },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: 'root', groups: id.startsWith('legal-') ? ['legal', 'all'] : ['all'] }),
    }),
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
process.stdin.on('end', () => process.exit(0)).resume();
