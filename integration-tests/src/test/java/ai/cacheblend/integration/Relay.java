package ai.cacheblend.integration;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Forwards TCP connections until it is silenced. Then it delivers nothing and closes nothing, like
 * a network that drops all packets or a process that is stopped.
 */
final class Relay implements AutoCloseable {
  private static final int BUFFER_BYTES = 8192;

  private final ServerSocket server;
  private final int target;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private volatile boolean silent;

  private Relay(ServerSocket server, int target) {
    this.server = server;
    this.target = target;
  }

  /** A relay to a port of the loopback interface, as {@code HOST:PORT}. */
  static Relay to(String address) throws IOException {
    Relay relay =
        new Relay(
            new ServerSocket(0, 0, InetAddress.getLoopbackAddress()),
            Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
    relay.daemon(relay::accept);
    return relay;
  }

  String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  void silence() {
    silent = true;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        sockets.add(client);
        Socket worker = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(worker);
        daemon(() -> forward(client, worker));
        daemon(() -> forward(worker, client));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void forward(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (!silent) {
          out.write(buffer, 0, count);
        }
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void daemon(Runnable body) {
    Thread thread = new Thread(body, "relay");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
