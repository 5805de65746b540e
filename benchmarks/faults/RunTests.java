import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;

import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the tests of the given packages and classes. Prints one line per test that failed on any
 * model, and the number of tests. Exit status: 0 all passed, 1 some failed.
 */
final class RunTests {
  private RunTests() {}

  public static void main(String[] names) {
    LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request();
    for (String name : names) {
      request.selectors(isClass(name) ? selectClass(name) : selectPackage(name));
    }
    Failures failures = new Failures();
    LauncherDiscoveryRequest built = request.build();
    LauncherFactory.create().execute(built, failures);
    failures.first.forEach((test, message) -> System.out.println(test + "\t" + message));
    System.out.println("tests: " + failures.count);
    System.exit(failures.first.isEmpty() && failures.count > 0 ? 0 : 1);
  }

  /** Names of classes begin with a capital letter. */
  private static boolean isClass(String name) {
    return Character.isUpperCase(name.charAt(name.lastIndexOf('.') + 1));
  }

  private static final class Failures implements TestExecutionListener {
    private final Map<String, String> first = new TreeMap<>();
    private int count;

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (test.isTest()) {
        count++;
      }
      result
          .getThrowable()
          .ifPresent(
              failure ->
                  first.putIfAbsent(
                      test.getDisplayName(), failure.toString().lines().findFirst().orElse("")));
    }
  }
}
