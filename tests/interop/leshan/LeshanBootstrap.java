// SPDX-License-Identifier: Apache-2.0
// A bootstrap server on Eclipse Leshan's library that tests drive: commands on stdin, one JSON object a line on stdout.
//
//   java -cp 'JARS/*' LeshanBootstrap.java
//
//   give EP URI SHORT-SERVER-ID LIFETIME    what a device of that name gets when it asks
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.eclipse.leshan.core.SecurityMode;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.server.bootstrap.BootstrapConfig;
import org.eclipse.leshan.server.bootstrap.BootstrapFailureCause;
import org.eclipse.leshan.server.bootstrap.BootstrapSession;
import org.eclipse.leshan.server.bootstrap.DefaultBootstrapSessionManager;
import org.eclipse.leshan.server.bootstrap.InMemoryBootstrapConfigStore;
import org.eclipse.leshan.server.californium.bootstrap.LeshanBootstrapServer;
import org.eclipse.leshan.server.californium.bootstrap.LeshanBootstrapServerBuilder;

public class LeshanBootstrap {
    static final InMemoryBootstrapConfigStore store = new InMemoryBootstrapConfigStore();

    public static void main(String[] arguments) throws Exception {
        LeshanBootstrapServerBuilder builder = new LeshanBootstrapServerBuilder();
        builder.setLocalAddress("127.0.0.1", 0);
        builder.disableSecuredEndpoint();
        builder.setConfigStore(store);
        builder.setSessionManager(new Sessions());
        LeshanBootstrapServer server = builder.build();
        server.start();
        say("ready", "", "coap://127.0.0.1:" + server.getUnsecuredAddress().getPort());
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            give(words[1], words[2], Integer.parseInt(words[3]), Integer.parseInt(words[4]));
        }
        server.destroy();
        System.exit(0);
    }

    static void give(String endpoint, String uri, int shortServerId, int lifetime) throws Exception {
        BootstrapConfig config = new BootstrapConfig();
        config.toDelete.add("/0");
        config.toDelete.add("/1");
        BootstrapConfig.ServerSecurity security = new BootstrapConfig.ServerSecurity();
        security.uri = uri;
        security.bootstrapServer = false;
        security.securityMode = SecurityMode.NO_SEC;
        security.serverId = shortServerId;
        config.security.put(1, security);
        BootstrapConfig.ServerConfig server = new BootstrapConfig.ServerConfig();
        server.shortId = shortServerId;
        server.lifetime = lifetime;
        server.binding = BindingMode.U;
        config.servers.put(0, server);
        store.add(endpoint, config);
        say("given", endpoint, "");
    }

    /** Tells how each session ends. */
    static class Sessions extends DefaultBootstrapSessionManager {
        Sessions() {
            super(null);
        }

        @Override
        public void end(BootstrapSession session) {
            super.end(session);
            say("bootstrapped", session.getEndpoint(), "");
        }

        @Override
        public void failed(BootstrapSession session, BootstrapFailureCause cause) {
            super.failed(session, cause);
            say("refused", session.getEndpoint(), String.valueOf(cause));
        }
    }

    static synchronized void say(String event, String endpoint, String value) {
        byte[] line = String.format("{\"event\":\"%s\",\"endpoint\":\"%s\",\"path\":\"\",\"value\":\"%s\"}\n", event,
                endpoint, value).getBytes(StandardCharsets.UTF_8);
        System.out.write(line, 0, line.length);
        System.out.flush();
    }
}
