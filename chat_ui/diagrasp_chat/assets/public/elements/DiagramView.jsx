// The card of one diagram: progress while it is read, then the original beside the redraw, steps, algorithm, Mermaid and
// buttons for the formats.  Everything that comes from a picture is printed by React as text.
import { Check, Copy, Loader2, Maximize2, Minus, Plus, Scan, TriangleAlert, X } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';

const STILL = { zoom: 1, x: 0, y: 0 };
const clamp = (zoom) => Math.min(16, Math.max(0.5, zoom));

function usePanZoom(wheelAlways) {
    const [view, setView] = useState(STILL);
    const drag = useRef(null);
    const zoomBy = useCallback((factor, at) => {
        setView((old) => {
            const zoom = clamp(old.zoom * factor);
            const kept = zoom / old.zoom;
            const { x = 0, y = 0 } = at || {};
            return { zoom, x: x - (x - old.x) * kept, y: y - (y - old.y) * kept };
        });
    }, []);
    // positions are shares of a pane's size, so both panes move together though their pictures differ
    const at = (event, pane) => {
        const box = pane.getBoundingClientRect();
        return { x: (event.clientX - box.left) / box.width - 0.5, y: (event.clientY - box.top) / box.height - 0.5 };
    };
    const onPointerDown = (event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { x: event.clientX, y: event.clientY };
    };
    const onPointerMove = (event) => {
        if (!drag.current) return;
        const box = event.currentTarget.getBoundingClientRect();
        const dx = (event.clientX - drag.current.x) / box.width;
        const dy = (event.clientY - drag.current.y) / box.height;
        drag.current = { x: event.clientX, y: event.clientY };
        setView((old) => ({ ...old, x: old.x + dx, y: old.y + dy }));
    };
    const onPointerUp = () => (drag.current = null);
    const onDoubleClick = (event) => zoomBy(event.shiftKey ? 0.5 : 2, at(event, event.currentTarget));
    const onWheel = (event) => {
        if (!wheelAlways && !event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        zoomBy(Math.exp(-event.deltaY / 400), at(event, event.currentTarget));
    };
    const onKeyDown = (event) => {
        const step = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
        if (step) setView((old) => ({ ...old, x: old.x + step[0], y: old.y + step[1] }));
        else if (event.key === '+' || event.key === '=') zoomBy(1.25);
        else if (event.key === '-') zoomBy(0.8);
        else if (event.key === '0') setView(STILL);
        else return;
        event.preventDefault();
    };
    return {
        view,
        zoomBy,
        fit: () => setView(STILL),
        handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: onPointerUp, onDoubleClick, onKeyDown },
        onWheel
    };
}

function Pane({ title, url, empty, space, hint, height, onSize }) {
    const pane = useRef(null);
    const [broken, setBroken] = useState(false);
    const wheel = useRef(space.onWheel);
    wheel.current = space.onWheel;
    useEffect(() => {
        const node = pane.current;
        const listen = (event) => wheel.current(event);
        node.addEventListener('wheel', listen, { passive: false });
        return () => node.removeEventListener('wheel', listen);
    }, []);
    const { zoom, x, y } = space.view;
    return (
        <figure className="dg-pane">
            <figcaption>{title}</figcaption>
            <div
                ref={pane}
                className="dg-canvas"
                style={height ? { height } : undefined}
                tabIndex={0}
                title={hint}
                aria-label={title}
                {...space.handlers}
            >
                {url && !broken ? (
                    <img
                        src={apiClient.buildEndpoint(url)}
                        alt={title}
                        draggable={false}
                        onError={() => setBroken(true)}
                        onLoad={(event) => onSize(event.target.naturalHeight / event.target.naturalWidth)}
                        style={{ transform: `translate(${x * 100}%, ${y * 100}%) scale(${zoom})` }}
                    />
                ) : (
                    <p className="dg-none">{empty}</p>
                )}
            </div>
        </figure>
    );
}

function IconButton({ label, onClick, children, pressed }) {
    return (
        <button type="button" className="dg-icon" title={label} aria-label={label} aria-pressed={pressed} onClick={onClick}>
            {children}
        </button>
    );
}

function Compare({ texts, data }) {
    const [full, setFull] = useState(false);
    const [shown, setShown] = useState('both');
    const [ratios, setRatios] = useState({});
    const space = usePanZoom(full);
    const both = data.hasOriginal;
    // the taller of the two decides how high the panes are, within limits; wide pictures stand one above the other
    const tallest = Math.max(...Object.values(ratios).filter(Number.isFinite), 0);
    const stacked = both && tallest > 0 && tallest < 0.4;
    const columns = both && shown === 'both' && !stacked ? 2 : 1;
    const height = full || !tallest ? undefined : `clamp(11rem, ${((100 / columns) * tallest).toFixed(1)}cqw + 1.5rem, 50vh)`;
    const sized = (part) => (ratio) => setRatios((old) => ({ ...old, [part]: ratio }));
    useEffect(() => {
        if (!full) return undefined;
        const close = (event) => event.key === 'Escape' && setFull(false);
        window.addEventListener('keydown', close);
        return () => window.removeEventListener('keydown', close);
    }, [full]);
    const common = { space, height, hint: texts.pan_hint };
    const original = (
        <Pane {...common} title={texts.original} url={data.original} empty={texts.no_preview} onSize={sized('original')} />
    );
    const redraw = (
        <Pane {...common} title={texts.redraw} url={data.redraw} empty={texts.no_redraw} onSize={sized('redraw')} />
    );
    return (
        <div className={full ? 'dg-compare dg-full' : 'dg-compare'} role={full ? 'dialog' : undefined}>
            <div className="dg-toolbar">
                {both ? (
                    <div className="dg-segments" role="group">
                        {['both', 'original', 'redraw'].map((part) => (
                            <button key={part} type="button" aria-pressed={shown === part} onClick={() => setShown(part)}>
                                {texts[part]}
                            </button>
                        ))}
                    </div>
                ) : (
                    <span className="dg-caption">{texts.redraw}</span>
                )}
                <div className="dg-tools">
                    <IconButton label={texts.zoom_out} onClick={() => space.zoomBy(0.8)}>
                        <Minus />
                    </IconButton>
                    <span className="dg-percent">{Math.round(space.view.zoom * 100)} %</span>
                    <IconButton label={texts.zoom_in} onClick={() => space.zoomBy(1.25)}>
                        <Plus />
                    </IconButton>
                    <IconButton label={texts.fit} onClick={space.fit}>
                        <Scan />
                    </IconButton>
                    <IconButton label={full ? texts.close : texts.full_screen} onClick={() => setFull(!full)}>
                        {full ? <X /> : <Maximize2 />}
                    </IconButton>
                </div>
            </div>
            <div className={stacked ? 'dg-panes dg-stacked' : 'dg-panes'}>
                {both && shown !== 'redraw' ? original : null}
                {!both || shown !== 'original' ? redraw : null}
            </div>
        </div>
    );
}

function CopyButton({ texts, text }) {
    const [done, setDone] = useState(false);
    const copy = async () => {
        try {
            await navigator.clipboard.writeText(text);
        } catch {
            // pages served without TLS from another machine have no clipboard of their own
            const area = document.createElement('textarea');
            area.value = text;
            document.body.appendChild(area);
            area.select();
            document.execCommand('copy');
            area.remove();
        }
        setDone(true);
        setTimeout(() => setDone(false), 1500);
    };
    return (
        <button type="button" className="dg-copy" onClick={copy}>
            {done ? <Check /> : <Copy />}
            {done ? texts.copied : texts.copy}
        </button>
    );
}

function StepTable({ head, rows, texts }) {
    if (!rows.length) return <p className="dg-none">{texts.no_steps}</p>;
    const roles = rows.some((row) => row[2]);
    const columns = roles ? [0, 1, 2] : [0, 1];
    return (
        <table className="dg-table">
            <thead>
                <tr>
                    {columns.map((column) => (
                        <th key={column} scope="col">
                            {head[column]}
                        </th>
                    ))}
                </tr>
            </thead>
            <tbody>
                {rows.map((row, index) => (
                    <tr key={index}>
                        {columns.map((column) => (
                            <td key={column}>{row[column]}</td>
                        ))}
                    </tr>
                ))}
            </tbody>
        </table>
    );
}

function Outline({ lines, texts }) {
    if (!lines.length) return <p className="dg-none">{texts.no_steps}</p>;
    return (
        <div className="dg-outline">
            {lines.map(([depth, text], index) => (
                <p
                    key={index}
                    className={/^\d+\./.test(text) ? 'dg-step' : undefined}
                    style={{ paddingInlineStart: `${depth * 1.5}rem` }}
                >
                    {text}
                </p>
            ))}
        </div>
    );
}

function Parts({ texts, data }) {
    const tabs = [
        ['steps', texts.steps],
        ['outline', texts.outline],
        ['mermaid', 'Mermaid']
    ];
    const [open, setOpen] = useState('steps');
    const plain = {
        steps: [data.head, ...data.rows].map((row) => row.join('\t')).join('\n'),
        outline: data.outline.map(([depth, text]) => '  '.repeat(depth) + text).join('\n'),
        mermaid: data.mermaid
    };
    return (
        <div className="dg-parts">
            <div className="dg-tabs">
                <div role="tablist">
                    {tabs.map(([id, title]) => (
                        <button key={id} type="button" role="tab" aria-selected={open === id} onClick={() => setOpen(id)}>
                            {title}
                        </button>
                    ))}
                </div>
                <CopyButton key={open} texts={texts} text={plain[open]} />
            </div>
            <div className="dg-part" role="tabpanel">
                {open === 'steps' ? <StepTable head={data.head} rows={data.rows} texts={texts} /> : null}
                {open === 'outline' ? <Outline lines={data.outline} texts={texts} /> : null}
                {open === 'mermaid' ? <pre className="dg-code">{data.mermaid}</pre> : null}
            </div>
        </div>
    );
}

function Formats({ texts, data }) {
    const [busy, setBusy] = useState('');
    const convert = async (format) => {
        setBusy(format);
        try {
            await callAction({ name: 'convert', payload: { key: data.key, format } });
        } finally {
            setBusy('');
        }
    };
    if (!data.formats.length) return null;
    return (
        <div className="dg-formats">
            <span>{texts.convert_to}</span>
            {data.formats.map(({ id, name }) => (
                <button key={id} type="button" data-format={id} disabled={!!busy} onClick={() => convert(id)}>
                    {busy === id ? <Loader2 className="animate-spin" /> : null}
                    {name}
                </button>
            ))}
        </div>
    );
}

function Working({ data }) {
    const percent = Math.round((data.share || 0) * 100);
    return (
        <div className="dg-card dg-working" role="status">
            <div className="dg-title">
                <Loader2 className="animate-spin" />
                <strong>{data.title}</strong>
                <span>{data.stage}</span>
            </div>
            <div className="dg-bar" role="progressbar" aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}>
                <i className={percent ? '' : 'dg-waiting'} style={percent ? { width: `${percent}%` } : undefined} />
            </div>
        </div>
    );
}

function Done({ data }) {
    return (
        <section className="dg-card" data-state="done">
            <header className="dg-head">
                <div>
                    <strong>{data.name}</strong>
                    <span>{data.summary}</span>
                </div>
                <div>
                    {data.badge ? <span className={`dg-badge dg-${data.level}`}>{data.badge}</span> : null}
                    {data.notes ? <span className="dg-notes">{data.notes}</span> : null}
                </div>
            </header>
            {data.warnings.length ? (
                <ul className="dg-warnings">
                    {data.warnings.map((warning, index) => (
                        <li key={index}>
                            <TriangleAlert />
                            <span>{warning}</span>
                        </li>
                    ))}
                </ul>
            ) : null}
            <Compare texts={data.texts} data={data} />
            <Parts texts={data.texts} data={data} />
            <Formats texts={data.texts} data={data} />
        </section>
    );
}

export default function DiagramView() {
    return props.state === 'working' ? <Working data={props} /> : <Done data={props} />;
}
