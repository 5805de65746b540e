package ai.cacheblend.worker.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Forwards TCP connections to a local port, and cuts them after a number of bytes of replies. */
public final class CuttingProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final int targetPort;
  private final AtomicLong remaining = new AtomicLong(Long.MAX_VALUE);
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

  public CuttingProxy(int targetPort) throws IOException {
    this.targetPort = targetPort;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    run(this::accept);
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Cuts all connections once this many further bytes of replies were forwarded. */
  public void cutAfter(long byteCount) {
    remaining.set(byteCount);
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listener.accept();
      Socket server = new Socket(InetAddress.getLoopbackAddress(), targetPort);
      sockets.addAll(List.of(client, server));
      run(() -> forward(client, server, new AtomicLong(Long.MAX_VALUE)));
      run(() -> forward(server, client, remaining));
    }
  }

  private void forward(Socket from, Socket to, AtomicLong limit) throws IOException {
    byte[] buffer = new byte[4096];
    InputStream input = from.getInputStream();
    OutputStream output = to.getOutputStream();
    for (int size = input.read(buffer); size >= 0; size = input.read(buffer)) {
      long left = limit.addAndGet(-size);
      output.write(buffer, 0, (int) Math.max(0, Math.min(size, size + left)));
      if (left < 0) {
        break;
      }
    }
    closeSockets();
  }

  private void closeSockets() throws IOException {
    for (Socket socket = sockets.poll(); socket != null; socket = sockets.poll()) {
      socket.close();
    }
  }

  private interface Task {
    void run() throws IOException;
  }

  private static void run(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException e) {
                // The connection was cut, or the proxy was closed.
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    closeSockets();
  }
}
