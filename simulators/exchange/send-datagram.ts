/** One UDP datagram, sent and forgotten: who it is for may have gone. */
import { createSocket } from 'node:dgram';

export function sendDatagram(host: string, port: number, text: string): void {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('error', () => socket.close());
  socket.send(text, port, host, () => socket.close());
}
