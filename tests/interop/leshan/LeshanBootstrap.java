// SPDX-License-Identifier: Apache-2.0
// A bootstrap server on Eclipse Leshan's library that tests drive: commands on stdin, one JSON object a line on stdout.
//
//   java -cp 'JARS/*' LeshanBootstrap.java
//
// The value of "ready" is its URI on coap and that on coaps, with a blank between.
//
//   give EP URI SHORT-SERVER-ID LIFETIME [IDENTITY KEY]    what a device of that name gets when it asks
//   let-in EP IDENTITY KEY                                 its pre-shared key here; all keys in hexadecimal
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.leshan.core.SecurityMode;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.server.bootstrap.BootstrapConfig;
import org.eclipse.leshan.server.bootstrap.BootstrapFailureCause;
import org.eclipse.leshan.server.bootstrap.BootstrapSession;
import org.eclipse.leshan.server.bootstrap.DefaultBootstrapSessionManager;
import org.eclipse.leshan.server.bootstrap.InMemoryBootstrapConfigStore;
import org.eclipse.leshan.server.californium.bootstrap.LeshanBootstrapServer;
import org.eclipse.leshan.server.californium.bootstrap.LeshanBootstrapServerBuilder;
import org.eclipse.leshan.server.security.BootstrapSecurityStore;
import org.eclipse.leshan.server.security.SecurityInfo;

public class LeshanBootstrap {
    static final InMemoryBootstrapConfigStore store = new InMemoryBootstrapConfigStore();
    static final Keys keys = new Keys();

    public static void main(String[] arguments) throws Exception {
        LeshanBootstrapServerBuilder builder = new LeshanBootstrapServerBuilder();
        builder.setLocalAddress("127.0.0.1", 0);
        builder.setLocalSecureAddress("127.0.0.1", 0);
        builder.setSecurityStore(keys);
        builder.setConfigStore(store);
        builder.setSessionManager(new Sessions());
        LeshanBootstrapServer server = builder.build();
        server.start();
        say("ready", "", "coap://127.0.0.1:" + server.getUnsecuredAddress().getPort() + " coaps://127.0.0.1:"
                + server.getSecuredAddress().getPort());
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            if (words[0].equals("let-in")) {
                keys.add(SecurityInfo.newPreSharedKeyInfo(words[1], words[2], bytesOf(words[3])));
                say("let-in", words[1], "");
            } else {
                give(words);
            }
        }
        server.destroy();
        System.exit(0);
    }

    static void give(String[] words) throws Exception {
        String endpoint = words[1];
        int shortServerId = Integer.parseInt(words[3]);
        BootstrapConfig config = new BootstrapConfig();
        config.toDelete.add("/0");
        config.toDelete.add("/1");
        BootstrapConfig.ServerSecurity security = new BootstrapConfig.ServerSecurity();
        security.uri = words[2];
        security.bootstrapServer = false;
        security.securityMode = SecurityMode.NO_SEC;
        if (words.length > 5) {
            security.securityMode = SecurityMode.PSK;
            security.publicKeyOrId = words[5].getBytes(StandardCharsets.UTF_8);
            security.secretKey = bytesOf(words[6]);
        }
        security.serverId = shortServerId;
        config.security.put(1, security);
        BootstrapConfig.ServerConfig server = new BootstrapConfig.ServerConfig();
        server.shortId = shortServerId;
        server.lifetime = Integer.parseInt(words[4]);
        server.binding = BindingMode.U;
        config.servers.put(0, server);
        store.add(endpoint, config);
        say("given", endpoint, "");
    }

    static byte[] bytesOf(String digits) {
        byte[] bytes = new byte[digits.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(digits.substring(2 * i, 2 * i + 2), 16);
        }
        return bytes;
    }

    /** The pre-shared keys of devices. */
    static class Keys implements BootstrapSecurityStore {
        final Map<String, SecurityInfo> byIdentity = new ConcurrentHashMap<>();

        void add(SecurityInfo info) {
            byIdentity.put(info.getIdentity(), info);
        }

        @Override
        public SecurityInfo getByIdentity(String identity) {
            return byIdentity.get(identity);
        }

        @Override
        public List<SecurityInfo> getAllByEndpoint(String endpoint) {
            for (SecurityInfo info : byIdentity.values()) {
                if (info.getEndpoint().equals(endpoint)) {
                    return Collections.singletonList(info);
                }
            }
            return Collections.emptyList();
        }
    }

    /** Tells how each session ends. */
    static class Sessions extends DefaultBootstrapSessionManager {
        Sessions() {
            super(keys);
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
