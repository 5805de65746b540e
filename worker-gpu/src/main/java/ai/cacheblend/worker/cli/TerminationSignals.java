package ai.cacheblend.worker.cli;

import java.lang.reflect.Proxy;

/**
 * Runs an action on SIGTERM and SIGINT instead of ending the JVM, so that the worker shuts down in
 * order and exits with status 0. A shutdown hook could set the status only by skipping the hooks
 * that delete unpacked libraries. The signal class of the JDK is not part of the Java API, hence
 * reflection.
 */
final class TerminationSignals {
  private TerminationSignals() {}

  static void onFirst(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object handling =
          Proxy.newProxyInstance(
              TerminationSignals.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  action.run();
                  return null;
                }
                return method.invoke(action, arguments);
              });
      for (String name : new String[] {"TERM", "INT"}) {
        signal
            .getMethod("handle", signal, handler)
            .invoke(null, signal.getConstructor(String.class).newInstance(name), handling);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "this Java runtime has no sun.misc.Signal (module jdk.unsupported)", e);
    }
  }
}
