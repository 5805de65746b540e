package ai.cacheblend.worker.cli;

import java.lang.reflect.Proxy;

/**
 * SIGTERM and SIGINT end the worker in order, with exit status 0: a shutdown hook could not set the
 * status without skipping the hooks that remove unpacked libraries. The JDK's signal class is no
 * part of the Java API, so it is reached by reflection; without it the JVM ends as it always does.
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
