/** OPTIONS: what the server can do. */
import type { WebdavAnswer } from '../webdav-call.ts';

const methods =
  'OPTIONS, TRACE, GET, HEAD, DELETE, PUT, POST, COPY, MOVE, MKCOL, PROPFIND, PROPPATCH, SEARCH, SUBSCRIBE, UNSUBSCRIBE, POLL, BDELETE, BCOPY, BMOVE, BPROPPATCH, BPROPFIND';

export function options(): WebdavAnswer {
  return {
    status: 200,
    headers: [
      ['MS-Author-Via', 'DAV'],
      ['Allow', methods],
      ['Public', methods],
      ['DASL', '<DAV:sql>'],
      ['DAV', '1, 2'],
      ['Accept-Ranges', 'rows'],
    ],
  };
}
